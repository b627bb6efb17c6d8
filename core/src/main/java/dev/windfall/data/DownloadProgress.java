package dev.windfall.data;

/** Hears how far a download is. */
@FunctionalInterface
public interface DownloadProgress {
  /** What {@link #advanced} says where the server does not tell the length. */
  long UNKNOWN = -1;

  /**
   * More bytes have arrived; called often.
   *
   * @param file the file's name
   * @param bytes how many have arrived so far
   * @param total how many there are, or {@link #UNKNOWN}
   */
  void advanced(String file, long bytes, long total);
}
