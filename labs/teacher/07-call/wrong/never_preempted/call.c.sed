# Nobody gets the CPU meanwhile.
/arch_preempt/,/K_AGAIN/d
