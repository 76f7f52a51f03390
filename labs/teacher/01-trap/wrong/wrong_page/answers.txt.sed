# The page of the address wanted, not that of the victim; and its address without the last digits.
/^page/s/= .*/= 25/
/^address/s/000$//
