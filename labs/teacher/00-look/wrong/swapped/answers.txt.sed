s/^own =/x =/
s/^kernel =/own =/
s/^x =/kernel =/
