package dev.windfall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A proxy on this machine's loopback address answers for all servers. */
final class DownloadTest {

  private static final byte[] WRONG = new byte[100_000];

  private final List<String> requests = new ArrayList<>();
  private final HttpServer proxy;
  private @Nullable ProxySelector before;

  DownloadTest() throws IOException {
    proxy = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
  }

  @BeforeEach
  void serve() {
    proxy.createContext(
        "/",
        exchange -> {
          try (exchange) {
            requests.add(exchange.getRequestURI().toString());
            exchange.sendResponseHeaders(200, WRONG.length);
            exchange.getResponseBody().write(WRONG);
          }
        });
    proxy.start();
    before = ProxySelector.getDefault();
    ProxySelector.setDefault(ProxySelector.of(proxy.getAddress()));
  }

  @AfterEach
  void stop() {
    ProxySelector.setDefault(before);
    proxy.stop(0);
  }

  private static Path cache() {
    return Path.of(System.getenv("WINDFALL_CACHE"));
  }

  @Test
  void aFileOfAnotherChecksumIsRefusedAndNotKept() throws IOException {
    CommandLineRun run = CommandLineRun.of("train", "--data", "fashion-mnist");
    String address =
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/train-images-idx3-ubyte.gz";
    assertThat(requests).containsExactly(address);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out())
        .startsWith("downloading train-images-idx3-ubyte.gz, ")
        .endsWith("97.7 KiB of 97.7 KiB" + System.lineSeparator());
    assertThat(run.err())
        .startsWith(
            "windfall train: fashion-mnist: cannot download " + address + " (SHA-256 3aede38d61")
        .contains("expected, found ")
        .endsWith(
            "put train-images-idx3-ubyte.gz from there into %s, or name the folder that holds it%n"
                .formatted(cache().resolve("fashion-mnist")))
        .hasLineCount(1);
    try (Stream<Path> left = Files.list(cache().resolve("fashion-mnist"))) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void whereTheNetworkAllowsNoDownloadOneLineSaysWhatToDo() {
    proxy.stop(0);
    CommandLineRun run = CommandLineRun.of("train", "--data", "cifar-10");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .startsWith(
            "windfall train: cifar-10: cannot download"
                + " https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz (")
        .contains("put cifar-10-binary.tar.gz from there into " + cache().resolve("cifar-10"))
        .hasLineCount(1);
  }

  @Test
  void aFileOfUnknownLengthIsNamedOnce() {
    StringWriter text = new StringWriter();
    try (DownloadDisplay display = new DownloadDisplay(false, new PrintWriter(text))) {
      display.advanced("a", 10, -1);
      display.advanced("a", 20, -1);
      display.advanced("b", 5, 10);
      display.advanced("b", 5, 10);
      display.advanced("b", 10, 10);
    }
    assertThat(text.toString().lines())
        .containsExactly(
            "downloading a",
            "downloading b, 5 bytes of 10 bytes",
            "downloading b, 10 bytes of 10 bytes");
  }
}
