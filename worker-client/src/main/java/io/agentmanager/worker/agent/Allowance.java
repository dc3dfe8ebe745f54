package io.agentmanager.worker.agent;

import io.agentmanager.contracts.api.Budget;
import io.agentmanager.contracts.api.Usage;
import io.agentmanager.models.Price;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What an attempt may still spend. A call is judged before it is made: by what it will send at
 * least, and with a bound on the answer, so that no call goes far beyond what is left.
 *
 * @param budget this attempt's share
 * @param price of the model
 */
record Allowance(Budget budget, Price price) {
  private static final double MILLION = 1_000_000;

  /** Why a call that sends so much must not be made, for a person; empty where it may. */
  Optional<String> objection(Usage spent, long nextInput) {
    Long tokens = budget.maxTokens();
    if (tokens != null && used(spent) + nextInput >= tokens) {
      return Optional.of(
          String.format(
              Locale.ROOT,
              "The step's share of the budget is spent: %,d of %,d tokens are used, and the next"
                  + " call of the model would send about %,d more.",
              used(spent),
              tokens,
              nextInput));
    }
    Double dollars = budget.maxCostUsd();
    double next = nextInput * price.input() / MILLION;
    if (dollars != null
        && price.input() + price.output() > 0
        && spent.costUsd() + next >= dollars) {
      return Optional.of(
          String.format(
              Locale.ROOT,
              "The step's share of the budget is spent: $%.4f of $%.4f are used, and the next call"
                  + " of the model would cost $%.4f at least.",
              spent.costUsd(),
              dollars,
              next));
    }
    return Optional.empty();
  }

  /** How long the answer may be at most; empty where the budget sets no bound. */
  OptionalInt longestAnswer(Usage spent, long nextInput) {
    long most = Long.MAX_VALUE;
    if (budget.maxTokens() != null) {
      most = budget.maxTokens() - used(spent) - nextInput;
    }
    if (budget.maxCostUsd() != null && price.output() > 0) {
      double left = budget.maxCostUsd() - spent.costUsd() - nextInput * price.input() / MILLION;
      most = Math.min(most, (long) (left * MILLION / price.output()));
    }
    return most >= Integer.MAX_VALUE
        ? OptionalInt.empty()
        : OptionalInt.of((int) Math.max(1, most));
  }

  private static long used(Usage spent) {
    return spent.inputTokens() + spent.outputTokens();
  }
}
