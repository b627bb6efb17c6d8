package dev.windfall.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

final class KernelReportTest {

  private static KernelReport.Row row(String shape, double sparsity, double sparse, double dense) {
    return new KernelReport.Row(
        "conv",
        shape,
        sparsity,
        1,
        10 / sparse,
        10 / sparse,
        sparse,
        dense,
        dense / sparse,
        "blas");
  }

  private static KernelReport report(KernelReport.Row... rows) {
    return KernelReport.of("machine", 100.0, List.of(rows));
  }

  @Test
  void mediansAreOverTheLayersOfAKernel() {
    KernelReport report =
        report(
            row("a", 0.9, 1, 3),
            row("a", 0.95, 1, 6),
            row("b", 0.9, 1, 2),
            row("b", 0.95, 1, 5),
            row("c", 0.9, 1, 8),
            row("c", 0.95, 1, 7));
    assertThat(report.medians())
        .containsExactly(
            new KernelReport.MedianSpeedup("conv", 0.9, 3),
            new KernelReport.MedianSpeedup("conv", 0.95, 6));
  }

  /** A time of 20 · density against 6: equal at a density of 0.3. */
  @Test
  void theBreakEvenIsWhereTheInterpolatedTimesAreEqual() {
    KernelReport.BreakEven found =
        report(row("a", 0.9, 2, 6), row("a", 0.5, 10, 6), row("a", 0.6, 8, 6), row("a", 0.8, 4, 6))
            .breakEven()
            .getFirst();
    assertThat(found.losesAt()).isEqualTo(0.6);
    assertThat(found.winsAt()).isEqualTo(0.8);
    assertThat(found.sparsity()).isCloseTo(0.7, within(1e-12));
  }

  @Test
  void aBreakEvenBeyondWhatWasMeasuredIsNotGuessed() {
    assertThat(report(row("a", 0.8, 1, 2), row("a", 0.9, 1, 3)).breakEven())
        .containsExactly(new KernelReport.BreakEven("conv", "a", null, 0.8, null));
    assertThat(report(row("a", 0.8, 3, 2), row("a", 0.9, 3, 2)).breakEven())
        .containsExactly(new KernelReport.BreakEven("conv", "a", 0.9, null, null));
  }

  @Test
  void aSparsityThatWinsBelowOneThatLosesDoesNotCount() {
    KernelReport.BreakEven found =
        report(row("a", 0.5, 1, 2), row("a", 0.7, 4, 2), row("a", 0.9, 1, 2))
            .breakEven()
            .getFirst();
    assertThat(found.losesAt()).isEqualTo(0.7);
    assertThat(found.winsAt()).isEqualTo(0.9);
  }

  @Test
  void startsAreCombinedByTheirMediansAndTheWorst() {
    KernelReport combined =
        KernelReport.combine(
            List.of(
                report(row("a", 0.9, 1, 3)),
                report(row("a", 0.9, 2, 4)),
                report(row("a", 0.9, 5, 5))));
    KernelReport.Row row = combined.rows().getFirst();
    assertThat(combined.rows()).hasSize(1);
    assertThat(row.milliseconds()).isEqualTo(2);
    assertThat(row.gflops()).isEqualTo(5);
    assertThat(row.worstGflops()).isEqualTo(2);
    assertThat(row.denseMilliseconds()).isEqualTo(4);
    assertThat(row.speedup()).isEqualTo(2);
    assertThat(row.denseBy()).isEqualTo("blas");
  }

  @Test
  void withoutDenseTimesThereIsNothingToDivide() {
    KernelReport.Row plain = new KernelReport.Row("conv", "a", 0.9, 1, 10, 10, 1, null, null, null);
    KernelReport report = KernelReport.combine(List.of(KernelReport.of("m", null, List.of(plain))));
    assertThat(report.rows()).containsExactly(plain);
    assertThat(report.medians()).isEmpty();
    assertThat(report.breakEven()).isEmpty();
    assertThat(report.peakGflops()).isNull();
  }
}
