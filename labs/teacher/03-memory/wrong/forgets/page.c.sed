# What was saved begins with zeroes again.
/state\[page\] |= STORED;/d
