package dev.windfall.experiment.comparison;

/**
 * How exactly a row keeps to its budget: connections, operations and epochs come in whole numbers.
 *
 * @param unit what is counted, such as {@code prunable weights}
 * @param allowed by the budget
 * @param spent by the row
 * @param isCertain whether that is so in every run; otherwise it would be so if layers kept the
 *     connections that they are planned with, and what a run spends shows only in its training
 */
public record Spending(String unit, double allowed, double spent, boolean isCertain) {

  /** What is spent as a share of what is allowed; 1 where the budget is met exactly. */
  public double ratio() {
    return spent / allowed;
  }
}
