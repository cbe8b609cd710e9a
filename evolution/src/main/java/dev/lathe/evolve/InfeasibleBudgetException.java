package dev.lathe.evolve;

import dev.lathe.base.InvalidInputException;

/**
 * No network that was looked at meets all budgets. The message names, for each budget, its limit and the smallest value
 * seen, with the network that has it.
 */
public class InfeasibleBudgetException extends InvalidInputException {
    private static final long serialVersionUID = 1L;

    public InfeasibleBudgetException(String message) {
        super(message);
    }
}
