# It asks whether it may read.
s/FK_WRITE/FK_READ/
