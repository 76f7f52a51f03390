# What fails is not told.
s/^    printf(/    if (!answer) printf(/
