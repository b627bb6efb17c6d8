package dev.windfall.data;

import java.io.IOException;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A file that can be fetched.
 *
 * @param address where it is
 * @param file the name that it gets
 * @param checksum its published MD5 (32 hexadecimal digits) or SHA-256 (64)
 */
record Download(URI address, String file, String checksum) {
  private static final int MD5_DIGITS = 32;

  /** A file that keeps the name that it has at a base address, which ends in a slash. */
  static Download of(String base, String file, String checksum) {
    return new Download(URI.create(base + file), file, checksum);
  }

  /** What computes the checksum. */
  MessageDigest digest() {
    try {
      return MessageDigest.getInstance(checksum.length() == MD5_DIGITS ? "MD5" : "SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has MD5 and SHA-256", e);
    }
  }

  /** Refuses a file of another checksum. */
  void check(MessageDigest digest) throws IOException {
    String found = HexFormat.of().formatHex(digest.digest());
    if (!found.equals(checksum)) {
      throw new IOException(
          "%s %s expected, found %s".formatted(digest.getAlgorithm(), checksum, found));
    }
  }
}
