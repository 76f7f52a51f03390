# Who cannot go on stays among those that are drawn.
s/if (why != FK_BLOCKED)/if (true)/
