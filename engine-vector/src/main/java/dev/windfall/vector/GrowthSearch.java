package dev.windfall.vector;

import dev.windfall.sparsity.Candidates;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Finds the connections that do not exist and would have the largest gradients, without a dense
 * gradient: of each panel that is computed densely, active positions are passed over, and only the
 * best so far are kept. Memory grows with the candidates, not with the tensor (Evci et al. 2020:
 * "only the top-k gradient values are stored").
 *
 * <p>The largest of a sum over several batches need not be among the largest of any of them, so a
 * collection over several batches does hold the sums of all positions until its last batch: 4 bytes
 * for each position of the dense tensor.
 */
final class GrowthSearch {

  private final DenseGradient dense;
  private @Nullable Candidates found;

  /** Sums over the batches so far, by panel; null where no collection goes on. */
  private float @Nullable [][] sums;

  GrowthSearch(DenseGradient dense) {
    this.dense = dense;
  }

  /** The candidates of the last search, or null. */
  @Nullable Candidates found() {
    return found;
  }

  /** Forgets what was found. */
  void clear() {
    found = null;
  }

  /** Ends a collection that goes on. */
  void forgetSums() {
    sums = null;
  }

  /** Bytes of the sums of a collection that goes on. */
  long bytes() {
    return sums == null ? 0 : Arrays.stream(sums).mapToLong(panel -> 4L * panel.length).sum();
  }

  /**
   * Searches the batch's gradients, and those of the batches before it in the same collection, for
   * the best {@code wanted} inactive positions; or only adds them up where the collection goes on.
   */
  void run(Pass pass, Buffer gradient, int wanted) {
    boolean continued = pass.growth().isContinued();
    float @Nullable [][] before = sums;
    float[][] after = new float[continued ? dense.panels() : 0][];
    BestPositions[] best = DenseGradient.bestOfWorkers(pass.machine().crew(), wanted);
    dense.run(
        pass,
        gradient,
        (worker, panel) -> {
          float[] own = before == null ? new float[panel.positions()] : before[panel.number()];
          dense.reduce(pass, worker, own, before != null);
          if (continued) {
            after[panel.number()] = own;
          } else {
            dense.offerInactive(panel, own, best[worker]);
          }
        });
    sums = continued ? after : null;
    if (!continued) {
      found = DenseGradient.merged(best, wanted);
    }
  }
}
