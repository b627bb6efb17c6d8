package dev.windfall.cli;

import dev.windfall.data.DatasetCache;
import dev.windfall.data.DownloadProgress;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * Shows how far the download of a data set is: as a bar on a terminal, as plain lines elsewhere.
 */
final class DownloadDisplay implements DownloadProgress, AutoCloseable {

  private static final int LINES_A_FILE = 10;

  private final boolean isTerminal;
  private final PrintWriter lines;
  private String current = "";
  private long shown;
  private @Nullable ProgressBar bar;

  DownloadDisplay(boolean isTerminal, PrintWriter lines) {
    this.isTerminal = isTerminal;
    this.lines = lines;
  }

  /** The user's cache, whose downloads are shown here. */
  DatasetCache cache() {
    return DatasetCache.ofUser(System.getenv(), Path.of(System.getProperty("user.home")), this);
  }

  @Override
  public void advanced(String file, long bytes, long total) {
    if (!file.equals(current)) {
      close();
      current = file;
      shown = -1;
      bar = isTerminal ? bar(file, total) : null;
    }
    if (bar != null) {
      bar.stepTo(bytes);
    } else {
      show(bytes, total);
    }
  }

  private static ProgressBar bar(String file, long total) {
    return new ProgressBarBuilder()
        .setTaskName(file)
        .setInitialMax(total)
        .setUnit(" MiB", 1 << 20)
        .setStyle(ProgressBarStyle.ASCII)
        .build();
  }

  /** A line for each tenth of the file; one line for a file of unknown length. */
  private void show(long bytes, long total) {
    long part = total == UNKNOWN ? 0 : LINES_A_FILE * bytes / Math.max(1, total);
    if (part == shown) {
      return;
    }
    shown = part;
    lines.println(
        total == UNKNOWN
            ? "downloading " + current
            : String.format(
                Locale.ROOT,
                "downloading %s, %s of %s",
                current,
                Figures.bytes(bytes),
                Figures.bytes(total)));
    lines.flush();
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}
