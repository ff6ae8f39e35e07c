"""督查: inspection plans, the problem ledger, rectification and its clocks, and what open problems lock (R12, R13)."""
