# The first ticket of each is its neighbour's.
s/lot < accounts\[i\]\.tickets/lot <= accounts[i].tickets/
