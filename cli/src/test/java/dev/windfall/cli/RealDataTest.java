package dev.windfall.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line on published data; skipped where the data is not at hand. */
final class RealDataTest {

  @TempDir Path folder;

  @Test
  void aSparseLeNetLearnsFashionMnistInOneEpoch() throws IOException {
    Path data = Path.of(System.getProperty("windfall.testData", "none")).resolve("fashion-mnist");
    assumeThat(data).isDirectory();
    CommandLineRun run =
        CommandLineRun.of(
            "train",
            "--model",
            "lenet-5",
            "--epochs",
            "1",
            "--json",
            "--data",
            "fashion-mnist",
            "--data-dir",
            data.toString(),
            "--out",
            folder.toString());
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode summary = new ObjectMapper().readTree(run.out());
    assertThat(summary.get("test_accuracy").asDouble()).isGreaterThan(0.7);
    assertThat(summary.get("active_weights").asLong()).isBetween(4400L, 4440L);
  }
}
