package dev.windfall.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where tickets with rewound weights overtake tickets with initial weights that are spent with
 * every tweak ("Spending Your Winning Lottery Better", section 4.4).
 *
 * @param tickets where the connections come from
 * @param tweaked the row of all tweaks
 * @param sparsity where the lines first cross so that rewinding is ahead behind, on the straight
 *     lines between their points; null where they do not
 * @param ahead what is ahead at the highest sparsity of both: {@code rewinding}, {@code tweaked} or
 *     {@code neither}
 */
public record CriticalSparsity(
    String tickets, String tweaked, @Nullable Double sparsity, String ahead) {

  private static final List<String> TWEAKED = List.of("at-trt", "at-trt-distillation");

  /** Every pair of lines that a report has. */
  static List<CriticalSparsity> all(List<LotteryReport.Row> rows) {
    List<CriticalSparsity> found = new ArrayList<>();
    for (String tickets : rows.stream().map(LotteryReport.Row::tickets).distinct().toList()) {
      Map<Double, Double> rewound = line(rows, tickets, "weights", "vanilla");
      for (String tweaked : TWEAKED) {
        Map<Double, Double> initial = line(rows, tickets, "initial", tweaked);
        List<Lead> both = new ArrayList<>();
        rewound.forEach(
            (sparsity, accuracy) -> {
              Double other = initial.get(sparsity);
              if (other != null) {
                both.add(new Lead(sparsity, accuracy - other));
              }
            });
        if (!both.isEmpty()) {
          found.add(of(tickets, tweaked, both));
        }
      }
    }
    return found;
  }

  private static Map<Double, Double> line(
      List<LotteryReport.Row> rows, String tickets, String start, String row) {
    Map<Double, Double> accuracies = new LinkedHashMap<>();
    for (LotteryReport.Row one : rows) {
      if (one.tickets().equals(tickets)
          && Objects.equals(one.start(), start)
          && one.row().equals(row)
          && one.testAccuracyMean() != null) {
        accuracies.put(one.sparsity(), one.testAccuracyMean());
      }
    }
    return accuracies;
  }

  /** By how much rewinding is ahead at a sparsity. */
  record Lead(double sparsity, double points) {}

  /** By the leads at ascending sparsities. */
  static CriticalSparsity of(String tickets, String tweaked, List<Lead> leads) {
    Double critical = null;
    for (int i = 1; i < leads.size() && critical == null; i++) {
      double before = leads.get(i - 1).points();
      double after = leads.get(i).points();
      if (before <= 0 && after > 0) {
        double share = before / (before - after);
        critical =
            leads.get(i - 1).sparsity()
                + share * (leads.get(i).sparsity() - leads.get(i - 1).sparsity());
      }
    }
    double last = leads.getLast().points();
    String ahead = last > 0 ? "rewinding" : last < 0 ? "tweaked" : "neither";
    return new CriticalSparsity(tickets, tweaked, critical, ahead);
  }
}
