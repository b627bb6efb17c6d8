package dev.windfall.experiment.lottery;

import dev.windfall.experiment.Recipe;
import dev.windfall.experiment.RecipeDraft;
import dev.windfall.experiment.comparison.PooledRun;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One training of a lottery.
 *
 * @param line that it belongs to
 * @param round from 1; 0 for the dense network
 * @param seed of the training
 * @param data the data set's name
 * @param draft its recipe but for name, seed and threads
 * @param share of the whole training that is done
 * @param needs the runs that it begins with: those from which its ticket comes, first the one whose
 *     weights are ranked, then the dense one; without a ticket the dense one alone where it is the
 *     teacher, and else none
 */
public record LotteryRun(
    LotteryLine line,
    int round,
    long seed,
    String data,
    RecipeDraft draft,
    double share,
    List<LotteryRun> needs)
    implements PooledRun {

  /** Copies the list. */
  public LotteryRun {
    needs = List.copyOf(needs);
  }

  @Override
  public String name() {
    return name(line, round, seed);
  }

  static String name(LotteryLine line, int round, long seed) {
    return key(line, round) + "-seed-" + seed;
  }

  @Override
  public String key() {
    return key(line, round);
  }

  private static String key(LotteryLine line, int round) {
    return line.isDense() ? line.key() : "%s-round-%02d".formatted(line.key(), round);
  }

  @Override
  public Recipe recipe(Path runs, int threads) {
    return draft
        .withText(List.of("name"), name(), name())
        .with(List.of("run", "seed"), Long.toString(seed), name())
        .with(List.of("run", "threads"), Integer.toString(threads), name())
        .recipe();
  }

  /** Two runs of a lottery are the same where their names are. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof LotteryRun that && name().equals(that.name());
  }

  @Override
  public int hashCode() {
    return name().hashCode();
  }
}
