package dev.windfall.experiment.lottery;

import dev.windfall.experiment.RecipeDraft;
import java.util.List;

/**
 * What is drawn and how it is spent, as data: the fields of a lottery file. The dense network and,
 * of iterative drawings, the training of every round belong to every lottery.
 *
 * @param name of the lottery, and of its folder
 * @param base the recipe by which tickets are drawn, and over which spendings lay their fields
 * @param drawing how tickets are drawn
 * @param spending what is trained with them
 * @param seeds each with a dense network and tickets of its own
 */
public record Lottery(
    String name,
    RecipeDraft base,
    Drawing drawing,
    List<SpendingGroup> spending,
    List<Long> seeds) {

  /** Copies the lists. */
  public Lottery {
    spending = List.copyOf(spending);
    seeds = List.copyOf(seeds);
  }
}
