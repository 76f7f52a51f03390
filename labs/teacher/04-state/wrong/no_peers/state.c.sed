# Who is connected to whom is not set again.
/^    for (unsigned side = 3/i\
    links[3] = links[4] = 0;
