package dev.windfall.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A folder that keeps the official files of data sets, one subfolder for each set. What is not
 * there is downloaded: into a temporary file, which gets its name only once its checksum is right.
 * A file that is there is taken as it is, so one may also be put there by hand.
 *
 * @param folder the folder, which need not exist
 * @param progress hears how far a download is
 */
public record DatasetCache(Path folder, DownloadProgress progress) {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  /** No data set's file is larger. */
  private static final long LARGEST_FILE = 1L << 30;

  /**
   * The user's cache: the folder in {@code WINDFALL_CACHE}, else {@code windfall} in that of {@code
   * XDG_CACHE_HOME}, else {@code .cache/windfall} in the home folder.
   *
   * @param environment the environment's variables; empty ones count as missing, and so does an
   *     {@code XDG_CACHE_HOME} that is no absolute path, as the XDG Base Directory Specification
   *     asks
   * @param home the user's home folder
   * @param progress hears how far a download is
   * @return the cache
   * @throws IllegalArgumentException if a variable is no path
   */
  public static DatasetCache ofUser(
      Map<String, String> environment, Path home, DownloadProgress progress) {
    String own = environment.getOrDefault("WINDFALL_CACHE", "");
    String shared = environment.getOrDefault("XDG_CACHE_HOME", "");
    try {
      if (!own.isEmpty()) {
        return new DatasetCache(Path.of(own), progress);
      }
      if (!shared.isEmpty() && Path.of(shared).isAbsolute()) {
        return new DatasetCache(Path.of(shared, "windfall"), progress);
      }
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException(
          "WINDFALL_CACHE or XDG_CACHE_HOME is no path: " + e.getInput(), e);
    }
    return new DatasetCache(home.resolve(".cache").resolve("windfall"), progress);
  }

  /**
   * Makes sure that a data set's files are there.
   *
   * @return the folder that holds them
   * @throws DatasetException if one cannot be had; the message names its address and the place to
   *     put it by hand
   */
  Path fetch(String dataset, List<Download> downloads) {
    Path into = folder.resolve(dataset);
    for (Download download : downloads) {
      if (!Files.isRegularFile(into.resolve(download.file()))) {
        fetch(dataset, download, into);
      }
    }
    return into;
  }

  private void fetch(String dataset, Download download, Path into) {
    try {
      Files.createDirectories(into);
      Path part = Files.createTempFile(into, download.file(), ".part");
      try {
        receive(download, part);
        Files.move(part, into.resolve(download.file()), StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (IOException e) {
      throw new DatasetException(
          "%s: cannot download %s (%s): put %s from there into %s, or name the folder that holds it"
              .formatted(dataset, download.address(), reason(e), download.file(), into),
          e);
    }
  }

  private void receive(Download download, Path part) throws IOException {
    HttpRequest request = HttpRequest.newBuilder(download.address()).timeout(TIMEOUT).build();
    try (HttpClient client =
        HttpClient.newBuilder()
            .connectTimeout(TIMEOUT)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build()) {
      HttpResponse<InputStream> response =
          client.send(request, HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream body = response.body();
          OutputStream file = Files.newOutputStream(part)) {
        if (response.statusCode() != 200) {
          throw new IOException("HTTP status " + response.statusCode());
        }
        long total =
            response.headers().firstValueAsLong("Content-Length").orElse(DownloadProgress.UNKNOWN);
        copy(download, body, file, total);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private void copy(Download download, InputStream body, OutputStream file, long total)
      throws IOException {
    MessageDigest digest = download.digest();
    byte[] buffer = new byte[1 << 16];
    long bytes = 0;
    for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
      bytes += read;
      if (bytes > LARGEST_FILE) {
        throw new IOException("more than " + LARGEST_FILE + " bytes");
      }
      digest.update(buffer, 0, read);
      file.write(buffer, 0, read);
      progress.advanced(download.file(), bytes, total);
    }
    download.check(digest);
  }

  private static String reason(IOException e) {
    if (e.getMessage() != null) {
      return e.getMessage();
    }
    return e instanceof ConnectException ? "no connection" : e.getClass().getSimpleName();
  }
}
