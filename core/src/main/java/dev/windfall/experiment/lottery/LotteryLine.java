package dev.windfall.experiment.lottery;

import dev.windfall.lottery.TicketStart;
import org.jspecify.annotations.Nullable;

/**
 * Spendings that differ in round and seed alone: a line in the plot of accuracy against sparsity.
 *
 * @param source of the connections
 * @param start of drawn tickets; null for others
 * @param row how they are spent
 */
public record LotteryLine(TicketSource source, @Nullable TicketStart start, SpendingRow row) {

  /** The dense network, trained as its recipe says. */
  public static final LotteryLine DENSE =
      new LotteryLine(new TicketSource.Dense(), null, SpendingRow.VANILLA);

  /** Names the line within its lottery: {@code iterative-initial-vanilla}. */
  public String key() {
    return "%s%s-%s"
        .formatted(source.label(), start == null ? "" : "-" + start.label(), row.name());
  }

  /** Whether this is the dense network, which has no rounds. */
  public boolean isDense() {
    return source instanceof TicketSource.Dense;
  }
}
