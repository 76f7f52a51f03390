# The second fault at the same place, after the page has come.
/^trapped/s/= .*/= 3721458/
/^back/s/= .*/= 3722131/
/^calls/s/= .*/= 0/
