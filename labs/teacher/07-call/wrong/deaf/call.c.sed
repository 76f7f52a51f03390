# It lets interrupts in, and does not care what they want.
s/if (count && arch_preempt())/arch_preempt();/
/^            return K_AGAIN;/d
