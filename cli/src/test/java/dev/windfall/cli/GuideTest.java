package dev.windfall.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.windfall.experiment.RecipeDraft;
import dev.windfall.experiment.comparison.Comparison;
import dev.windfall.experiment.comparison.ComparisonFile;
import dev.windfall.experiment.lottery.Lottery;
import dev.windfall.experiment.lottery.LotteryFile;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** The examples of the documentation, as written. */
final class GuideTest {

  private static final Pattern BLOCK =
      Pattern.compile("^```(\\w*)\\R(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);

  /**
   * At the beginning of a line, which a backslash continues, or after a backtick. What follows a
   * {@code >} is the shell's.
   */
  private static final Pattern COMMAND =
      Pattern.compile(
          "^\\./windfall ((?:[^>`\n\\\\]|\\\\\n)+)|`\\./windfall ([^>`…]+)", Pattern.MULTILINE);

  @TempDir private Path folder;

  private static String document(String name) throws IOException {
    return Files.readString(Path.of(System.getProperty("windfall.root"), name));
  }

  /** The blocks of a language, without their fences. */
  private static List<String> blocks(String document, String language) throws IOException {
    return BLOCK
        .matcher(document(document))
        .results()
        .filter(block -> block.group(1).equals(language))
        .map(block -> block.group(2))
        .toList();
  }

  static Stream<String> commands() throws IOException {
    List<String> commands = new ArrayList<>();
    for (String name : documents()) {
      COMMAND
          .matcher(document(name))
          .results()
          .map(command -> command.group(1) == null ? command.group(2) : command.group(1))
          .forEach(commands::add);
    }
    return commands.stream();
  }

  private static List<String> documents() throws IOException {
    Path root = Path.of(System.getProperty("windfall.root"));
    try (Stream<Path> docs = Files.list(root.resolve("docs"))) {
      return Stream.concat(Stream.of(root.resolve("README.md")), docs)
          .map(file -> root.relativize(file).toString())
          .filter(name -> name.endsWith(".md"))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("commands")
  void commandsAreUnderstood(String command) {
    CommandLine line = Windfall.commandLine(Interruption.never());
    assertThat(line.parseArgs(command.replace("\\\n", " ").strip().split("\\s+")).subcommands())
        .isNotEmpty();
  }

  @Test
  void theJavaExampleRunsAsWritten() throws Exception {
    List<String> examples = blocks("docs/guide.md", "java");
    assertThat(examples).hasSize(1);
    Path source = Files.writeString(folder.resolve("Stripes.java"), examples.getFirst());
    compile(source);
    Path runs = folder.resolve("runs");
    String printed = runMain("Stripes", runs.toString());
    assertThat(printed)
        .startsWith(runs.resolve("stripes") + ": test accuracy ")
        .endsWith(" with 497 of 2480 weights" + System.lineSeparator());
    assertThat(Double.parseDouble(printed.replaceAll(".*accuracy (\\S+) .*\\R", "$1")))
        .isGreaterThan(0.95);
    assertThat(runs.resolve("stripes/summary.json")).exists();
    assertThat(
            RecipeDraft.defaults()
                .with(Files.readString(runs.resolve("stripes/recipe.yaml")), "recipe.yaml")
                .recipe()
                .model()
                .name())
        .isEqualTo("stripes-net");
  }

  private void compile(Path source) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, UTF_8)) {
      List<String> options =
          List.of(
              "-d",
              folder.toString(),
              "-classpath",
              System.getProperty("java.class.path"),
              "-Xlint:all",
              "-Werror",
              "-proc:none");
      assertThat(
              compiler
                  .getTask(messages, files, null, options, null, files.getJavaFileObjects(source))
                  .call())
          .as(messages.toString())
          .isTrue();
    }
  }

  private String runMain(String type, String... arguments) throws Exception {
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()});
        PrintStream out = new PrintStream(printed, true, UTF_8)) {
      System.setOut(out);
      loader.loadClass(type).getMethod("main", String[].class).invoke(null, (Object) arguments);
    } finally {
      System.setOut(before);
    }
    return printed.toString(UTF_8);
  }

  /** The recipe, as written, on pictures of two colours in the folder that it names. */
  @Test
  void theRecipeRunsAsWritten() throws IOException {
    List<String> recipes = blocks("docs/guide.md", "yaml");
    assertThat(recipes).hasSize(1);
    for (String part : List.of("train", "test")) {
      for (int image = 0; image < 40; image++) {
        Path file =
            folder.resolve(
                "pictures/%s/%s/%d.png".formatted(part, image % 2 == 0 ? "cat" : "dog", image));
        Files.createDirectories(file.getParent());
        ImageIO.write(picture(image), "png", file.toFile());
      }
    }
    Path recipe = Files.writeString(folder.resolve("mine.yaml"), recipes.getFirst());
    CommandLineRun run =
        CommandLineRun.of(
            "train",
            recipe.toString(),
            "--data-dir",
            folder.resolve("pictures").toString(),
            "--out",
            folder.resolve("runs").toString());
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).startsWith("wrn-10-1 on image-folder: set at 80 % sparsity (erk), ");
    assertThat(folder.resolve("runs/small-set/summary.json")).exists();
  }

  private static BufferedImage picture(int number) {
    BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
    for (int pixel = 0; pixel < 64; pixel++) {
      image.setRGB(
          pixel % 8, pixel / 8, (number % 2 == 0 ? 0xC04020 : 0x2040C0) + 5 * number + pixel % 3);
    }
    return image;
  }

  @Test
  void theLotteryIsReadAsWritten() throws IOException {
    Lottery lottery =
        LotteryFile.read(
            blocks("docs/lottery.md", "yaml").getFirst(),
            "lottery.md",
            Path.of(""),
            UnaryOperator.identity());
    assertThat(lottery.drawing().ladder().rounds()).isEqualTo(11);
    assertThat(lottery.spending()).hasSize(3);
  }

  @Test
  void theComparisonIsReadAsWritten() throws IOException {
    Comparison comparison =
        ComparisonFile.read(
            blocks("docs/compare.md", "yaml").getFirst(),
            "compare.md",
            Path.of(""),
            UnaryOperator.identity());
    assertThat(comparison.name()).isEqualTo("mine");
  }
}
