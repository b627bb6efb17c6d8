package dev.windfall.experiment.lottery;

import dev.windfall.lottery.TicketStart;
import java.util.List;

/**
 * Spendings: every row with every ticket of every round, with every start that there is of it.
 *
 * @param sources of the tickets
 * @param starts of drawn tickets
 * @param rows ways to spend
 * @param rounds from 1; the dense network has none
 */
public record SpendingGroup(
    List<TicketSource> sources,
    List<TicketStart> starts,
    List<SpendingRow> rows,
    List<Integer> rounds) {

  /** Copies the lists. */
  public SpendingGroup {
    sources = List.copyOf(sources);
    starts = List.copyOf(starts);
    rows = List.copyOf(rows);
    rounds = List.copyOf(rounds);
  }
}
