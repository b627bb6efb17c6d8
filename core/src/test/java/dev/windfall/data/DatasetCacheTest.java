package dev.windfall.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Downloads from a server on this machine's loopback address. */
final class DatasetCacheTest {
  private static final byte[] CONTENT = TestFiles.bytes(200_000);

  @TempDir private Path folder;
  private final List<String> requests = new ArrayList<>();
  private final List<Long> progress = new ArrayList<>();
  private final HttpServer server;

  DatasetCacheTest() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
  }

  @BeforeEach
  void serve() {
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            String path = exchange.getRequestURI().getPath();
            requests.add(path);
            if (path.equals("/moved")) {
              exchange.getResponseHeaders().set("Location", "/data");
              exchange.sendResponseHeaders(302, -1);
            } else if (path.equals("/cut")) {
              exchange.sendResponseHeaders(200, CONTENT.length);
              exchange.getResponseBody().write(Arrays.copyOf(CONTENT, 1000));
            } else if (path.equals("/data")) {
              exchange.sendResponseHeaders(200, CONTENT.length);
              exchange.getResponseBody().write(CONTENT);
            } else {
              exchange.sendResponseHeaders(404, -1);
            }
          }
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private Download download(String name, String checksum) {
    return Download.of("http://127.0.0.1:" + server.getAddress().getPort() + "/", name, checksum);
  }

  private static String checksum(String algorithm) throws NoSuchAlgorithmException {
    return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(CONTENT));
  }

  private DatasetCache cache() {
    return new DatasetCache(
        folder.resolve("cache"),
        (file, bytes, total) -> {
          assertThat(total).isEqualTo(CONTENT.length);
          progress.add(bytes);
        });
  }

  private void assertRefused(Download download, String reason) throws IOException {
    Path into = folder.resolve("cache").resolve("set");
    assertThatThrownBy(() -> cache().fetch("set", List.of(download)))
        .isInstanceOf(DatasetException.class)
        .hasMessageMatching(
            "set: cannot download %s \\(%s\\): put %s from there into %s, or name the folder that holds it"
                .formatted(download.address(), reason, download.file(), into));
    try (Stream<Path> left = Files.list(into)) {
      assertThat(left).as("nothing half done is left").isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"MD5", "SHA-256"})
  void filesAreFetchedOnceAndChecked(String algorithm) throws Exception {
    List<Download> downloads =
        List.of(
            download("data", checksum(algorithm)),
            new Download(download("moved", "").address(), "other", checksum(algorithm)));
    for (int time = 0; time < 2; time++) {
      Path into = cache().fetch("set", downloads);
      assertThat(into).isEqualTo(folder.resolve("cache").resolve("set"));
      assertThat(into.resolve("data")).hasBinaryContent(CONTENT);
      assertThat(into.resolve("other")).hasBinaryContent(CONTENT);
      try (Stream<Path> files = Files.list(into)) {
        assertThat(files).hasSize(2);
      }
    }
    assertThat(requests).containsExactly("/data", "/moved", "/data");
    assertThat(progress).contains((long) CONTENT.length);
  }

  @Test
  void filesPutThereByHandAreTaken() throws IOException {
    Path into = Files.createDirectories(folder.resolve("cache").resolve("set"));
    Files.writeString(into.resolve("data"), "mine", UTF_8);
    assertThat(cache().fetch("set", List.of(download("data", "0")))).isEqualTo(into);
    assertThat(requests).isEmpty();
  }

  @Test
  void whatCannotBeFetchedIsNamedInOneLine() throws Exception {
    assertRefused(download("none", "0"), "HTTP status 404");
    assertRefused(
        download("data", "0".repeat(64)), "SHA-256 0{64} expected, found " + checksum("SHA-256"));
    assertRefused(download("cut", checksum("MD5")), ".+");
    Download unreachable = download("data", checksum("MD5"));
    server.stop(0);
    assertRefused(unreachable, ".+");
  }

  @Test
  void foldersThatCannotBeMadeAreNamed() throws IOException {
    Path file = Files.write(folder.resolve("cache"), new byte[1]);
    assertThatThrownBy(() -> cache().fetch("set", List.of(download("data", "0"))))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("from there into " + file.resolve("set"));
    assertThat(requests).isEmpty();
  }

  @Test
  void theUsersCacheIsWhereTheEnvironmentSays() {
    assertThat(userFolder(Map.of("WINDFALL_CACHE", "/a", "XDG_CACHE_HOME", "/b"))).isEqualTo("/a");
    assertThat(userFolder(Map.of("WINDFALL_CACHE", "", "XDG_CACHE_HOME", "/b")))
        .isEqualTo("/b/windfall");
    assertThat(userFolder(Map.of("XDG_CACHE_HOME", "b"))).isEqualTo("/home/me/.cache/windfall");
    assertThat(userFolder(Map.of())).isEqualTo("/home/me/.cache/windfall");
    assertThatThrownBy(() -> userFolder(Map.of("WINDFALL_CACHE", "\0")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("WINDFALL_CACHE or XDG_CACHE_HOME is no path: ");
  }

  private static String userFolder(Map<String, String> environment) {
    return DatasetCache.ofUser(environment, Path.of("/home/me"), (file, bytes, total) -> {})
        .folder()
        .toString();
  }
}
