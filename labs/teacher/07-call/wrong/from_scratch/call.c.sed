# What is done is not noted: the call begins anew.
/^        current->frame.rsi = /d
/^        current->frame.r10 = /d
s/^        current->frame.rdi = va/        va/
s/^        va += .*/&\n        count -= part;/
