package dev.windfall.cli;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Numbers as people read them. */
final class Figures {

  private Figures() {}

  /** A share in per cent: 0.1234 is {@code 12.34 %}. */
  static String percent(double share) {
    return String.format(Locale.ROOT, "%.2f %%", 100 * share);
  }

  /** A count with its thousands apart: {@code 1,076,912}. */
  static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** A rate: whole, but with three digits at least. */
  static String rate(double perSecond) {
    return String.format(Locale.ROOT, perSecond < 10 ? "%.2f" : "%,.0f", perSecond);
  }

  /** A number by a format, and a dash where there is none. */
  static String orDash(String format, @Nullable Double number) {
    return number == null ? "-" : String.format(Locale.ROOT, format, number);
  }

  /** A loss: with three decimals, and as a power of ten where it has gone astray. */
  static String loss(double loss) {
    return String.format(Locale.ROOT, loss < 1e4 ? "%.3f" : "%.2e", loss);
  }

  /** A duration: {@code 8 s}, {@code 1:05 min} or {@code 2:03:04 h}. */
  static String duration(double seconds) {
    long whole = Math.round(seconds);
    if (whole < 60) {
      return whole + " s";
    }
    return whole < 3600
        ? String.format(Locale.ROOT, "%d:%02d min", whole / 60, whole % 60)
        : String.format(Locale.ROOT, "%d:%02d:%02d h", whole / 3600, whole / 60 % 60, whole % 60);
  }

  /** Bytes in binary units: {@code 12.3 MiB}. */
  static String bytes(long bytes) {
    String[] units = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    double value = bytes;
    int unit = 0;
    while (value >= 1024 && unit < units.length - 1) {
      value /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
  }
}
