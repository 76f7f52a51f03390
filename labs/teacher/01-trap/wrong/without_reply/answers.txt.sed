# The reply is not counted, and the call is named by its number.
/^calls/s/= .*/= 6/
/^call /s/= .*/= 590/
