/^faults/s/= .*/= quite a few/
/^written/d
/^into_pager/s/=/= about/
