package dev.windfall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class InterruptionTest {

  @TempDir Path folder;

  @Test
  void anInterruptedRunEndsWithACheckpoint() throws Exception {
    StringWriter messages = new StringWriter();
    Interruption interruption = Interruption.by(new PrintWriter(messages, true));
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      Future<CommandLineRun> run =
          executor.submit(
              () -> {
                try {
                  return CommandLineRun.of(
                      interruption,
                      TrainCommandTest.small(folder, "--epochs", "1000000", "--name", "long"));
                } finally {
                  interruption.over();
                }
              });
      waitFor(folder.resolve("runs/long/metrics.jsonl"), () -> !run.isDone());
      interruption.waitForOrderlyEnd();
      assertThat(messages.toString()).contains("stopping after this step");
      assertThat(run.get().exitCode()).isEqualTo(1);
      assertThat(run.get().out())
          .containsPattern("stopped after step [\\d,]+ of 10,000,000; to go on:\\R")
          .contains("windfall resume " + folder.resolve("runs/long"));
    }
    assertThat(folder.resolve("runs/long/summary.json")).doesNotExist();
    assertThat(folder.resolve("runs/long/checkpoint"))
        .isDirectoryContaining("glob:**.json")
        .isDirectoryContaining("glob:**.safetensors");
  }

  @Test
  void whereNothingHasToEndInGoodOrderNobodyWaits() {
    StringWriter messages = new StringWriter();
    Interruption.by(new PrintWriter(messages, true)).waitForOrderlyEnd();
    assertThat(messages.toString()).isEmpty();
  }

  @Test
  void aSignalToTheProcessEndsTheRunInGoodOrder() throws Exception {
    Path output = folder.resolve("output");
    Process process =
        CommandLineProcess.start(
            output, TrainCommandTest.small(folder, "--epochs", "1000000", "--name", "killed"));
    try {
      waitFor(folder.resolve("runs/killed/metrics.jsonl"), process::isAlive);
      process.destroy();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isNotZero();
    } finally {
      process.destroyForcibly();
    }
    assertThat(Files.readString(output, StandardCharsets.UTF_8)).contains("stopped after step");
    assertThat(folder.resolve("runs/killed/checkpoint")).isDirectoryContaining("glob:**.json");
  }

  private static void waitFor(Path file, BooleanSupplier isRunning)
      throws IOException, InterruptedException {
    while (!Files.exists(file) || Files.size(file) == 0) {
      assertThat(isRunning.getAsBoolean()).as("the run goes on").isTrue();
      Thread.sleep(20);
    }
  }
}
