package dev.windfall.cli;

import dev.windfall.data.Datasets;
import dev.windfall.experiment.Engines;
import dev.windfall.experiment.JsonText;
import dev.windfall.experiment.ShippedFiles;
import dev.windfall.experiment.ShippedRecipes;
import dev.windfall.experiment.comparison.ShippedComparisons;
import dev.windfall.experiment.lottery.ShippedLotteries;
import dev.windfall.network.Zoo;
import dev.windfall.sparsity.Distribution;
import dev.windfall.sparsity.SparseTrainingMethod;
import java.io.PrintWriter;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code windfall list}: the names that recipes and options know. */
@Command(
    name = "list",
    description = "Lists what there is, one line each.",
    footer = {
      "",
      "Examples:",
      "  windfall list models",
      "  windfall list recipes --show lenet-5-fashion-mnist > my-recipe.yaml"
    })
final class ListCommand implements Callable<Integer> {

  @Spec private @Nullable CommandSpec command;

  @Parameters(
      arity = "0..1",
      paramLabel = "KIND",
      completionCandidates = Kinds.class,
      description = "One of: ${COMPLETION-CANDIDATES}.")
  private String kind = "";

  @Option(
      names = "--show",
      paramLabel = "NAME",
      description =
          "With recipes, comparisons or lotteries: prints this one, to be copied and changed.")
  private @Nullable String shown;

  @Option(names = "--json", description = "Writes a JSON array of names and descriptions.")
  private boolean json;

  /** What can be listed. */
  static final class Kinds implements Iterable<String> {
    static final List<String> NAMES =
        List.of(
            "models",
            "data",
            "methods",
            "distributions",
            "recipes",
            "comparisons",
            "lotteries",
            "engines");

    @Override
    public Iterator<String> iterator() {
      return NAMES.iterator();
    }
  }

  /** The text of a recipe, comparison or lottery. */
  private record Shown(String name, String yaml) {}

  /** A line of a list. */
  private record Entry(String name, String description) {}

  @Override
  public Integer call() {
    PrintWriter out = commandLine().getOut();
    if (shown != null) {
      out.print(text(shown));
      out.flush();
      return CommandLine.ExitCode.OK;
    }
    List<Entry> entries = entries();
    if (json) {
      out.print(JsonText.document(entries));
    } else {
      int width = entries.stream().mapToInt(entry -> entry.name().length()).max().orElse(0);
      entries.forEach(
          entry -> out.println(padded(entry.name(), width) + "  " + entry.description()));
    }
    out.flush();
    return CommandLine.ExitCode.OK;
  }

  private String text(String name) {
    if (!List.of("recipes", "comparisons", "lotteries").contains(kind)) {
      throw new ParameterException(
          commandLine(), "--show prints a recipe: windfall list recipes --show " + name);
    }
    try {
      String yaml =
          switch (kind) {
            case "recipes" -> ShippedRecipes.text(name);
            case "comparisons" -> ShippedComparisons.FILES.text(name);
            default -> ShippedLotteries.FILES.text(name);
          };
      return json ? JsonText.document(new Shown(name, yaml)) : yaml;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private static String padded(String name, int width) {
    return name + " ".repeat(width - name.length());
  }

  private List<Entry> entries() {
    return switch (kind) {
      case "models" ->
          Zoo.entries().stream().map(it -> new Entry(it.name(), it.description())).toList();
      case "data" ->
          Datasets.all().stream()
              .map(it -> new Entry(it.name(), it.description() + source(it)))
              .toList();
      case "methods" ->
          SparseTrainingMethod.all().stream()
              .map(it -> new Entry(it.name(), it.description()))
              .toList();
      case "distributions" ->
          Distribution.all().stream().map(it -> new Entry(it.label(), it.description())).toList();
      case "recipes" ->
          ShippedRecipes.entries().stream()
              .map(it -> new Entry(it.name(), it.description()))
              .toList();
      case "comparisons" -> entries(ShippedComparisons.FILES);
      case "lotteries" -> entries(ShippedLotteries.FILES);
      case "engines" ->
          Engines.all().stream().map(it -> new Entry(it.name(), it.description())).toList();
      default ->
          throw new ParameterException(
              commandLine(),
              "%s one of %s"
                  .formatted(
                      kind.isEmpty() ? "list what? Say" : "there are no '%s'; say".formatted(kind),
                      String.join(" ", Kinds.NAMES)));
    };
  }

  private static List<Entry> entries(ShippedFiles files) {
    return files.names().stream().map(it -> new Entry(it, files.description(it))).toList();
  }

  private static String source(Datasets.Entry dataset) {
    if (!dataset.needsFolder()) {
      return "";
    }
    return dataset.downloadable() ? "; downloaded where missing" : "; needs --data-dir";
  }

  private CommandLine commandLine() {
    return Objects.requireNonNull(command, "the parser sets the command").commandLine();
  }
}
