package dev.windfall.data;

/**
 * A data set that cannot be read: files that are missing, cut off or damaged, or an image source
 * that fails. The message is one line that names the file and says what would be right.
 */
public final class DatasetException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Says what is wrong.
   *
   * @param message one line
   */
  public DatasetException(String message) {
    super(message);
  }

  /**
   * Says what is wrong, and why.
   *
   * @param message one line
   * @param cause what was thrown below
   */
  public DatasetException(String message, Throwable cause) {
    super(message, cause);
  }
}
