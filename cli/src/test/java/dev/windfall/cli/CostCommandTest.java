package dev.windfall.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class CostCommandTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int execute(String... arguments) {
    CommandLine line =
        Windfall.commandLine(Interruption.never())
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true));
    List<String> words = new ArrayList<>(List.of("cost"));
    words.addAll(List.of(arguments));
    return line.execute(words.toArray(String[]::new));
  }

  private JsonNode json(String arguments) throws JsonProcessingException {
    out.getBuffer().setLength(0);
    int exitCode = execute((arguments + " --json").split(" "));
    assertThat(err.toString()).isEmpty();
    assertThat(exitCode).isZero();
    return new ObjectMapper().readTree(out.toString());
  }

  private static List<String> names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  @Test
  void jsonHasTheFieldsThatOthersRead() throws JsonProcessingException {
    JsonNode report = json("--model wrn-22-2 --sparsity 0.9 --distribution erk");
    assertThat(names(report))
        .containsExactly(
            "model",
            "counter",
            "total_weights",
            "active_weights",
            "dense_flops",
            "inference_flops",
            "inference_flops_ratio",
            "training_flops_ratio",
            "overhead_flops",
            "added_weights",
            "added_flops",
            "layers");
    assertThat(report.get("model").asText()).isEqualTo("wrn-22-2");
    assertThat(report.get("counter").asText()).isEqualTo("report");
    JsonNode stem = report.get("layers").get(0);
    assertThat(stem.toString())
        .isEqualTo(
            "{\"name\":\"conv1\",\"type\":\"conv\",\"shape\":[16,3,3,3],\"weights\":432,"
                + "\"active\":432,\"density\":1.0,\"flops\":868352,\"dense_flops\":868352,"
                + "\"added\":false}");
  }

  /** Learned skips have 127 % of the weights that are left of ResNet-18 at 91.4 % sparsity. */
  @Test
  void injectedSkipsAreCountedBesideTheNetwork() throws JsonProcessingException {
    String options = "--model resnet-18 --sparsity 0.914 --distribution erk --counter mac";
    JsonNode before = json(options);
    JsonNode after = json(options + " --skips learned");
    assertThat(after.get("added_weights").asLong()).isEqualTo(1_220_608);
    for (String same : List.of("total_weights", "active_weights", "dense_flops")) {
      assertThat(after.get(same)).isEqualTo(before.get(same));
    }
    assertThat(after.get("inference_flops").asLong())
        .isEqualTo(before.get("inference_flops").asLong() + after.get("added_flops").asLong());
    assertThat(after.get("layers"))
        .filteredOn(layer -> layer.get("added").asBoolean())
        .hasSize(16)
        .allSatisfy(layer -> assertThat(layer.get("dense_flops").asLong()).isZero());
    JsonNode plain = json(options + " --skips plain");
    assertThat(plain).isEqualTo(before);
  }

  /** The connections that ERK gives each shape, the same in all layers of that shape. */
  @ParameterizedTest
  @CsvSource({
    "'[16,3,3,3]',    1,    432,    432,   432,   432",
    "'[32,16,3,3]',   1,   4608,   4083,  1941,   937",
    "'[32,32,3,3]',   5,   9216,   5293,  2516,  1215",
    "'[32,16,1,1]',   1,    512,    512,   512,   512",
    "'[64,32,3,3]',   1,  18432,   7712,  3666,  1770",
    "'[64,64,3,3]',   5,  28109,  10132,  4816,  2325",
    "'[64,32,1,1]',   1,   2048,   2048,  2048,  1701",
    "'[128,64,3,3]',  1,  41534,  14971,  7116,  3436",
    "'[128,128,3,3]', 5,  54959,  19810,  9416,  4546",
    "'[128,64,1,1]',  1,   8192,   8192,  6973,  3366",
    "'[10,128]',      1,   1280,   1280,  1280,  1280",
  })
  void erkGivesWideResNetItsTable(
      String shape, int layers, long half, long fifth, long tenth, long twentieth)
      throws JsonProcessingException {
    List<Long> expected = List.of(half, fifth, tenth, twentieth);
    List<String> sparsities = List.of("0.5", "0.8", "0.9", "0.95");
    for (int i = 0; i < sparsities.size(); i++) {
      JsonNode report = json("--model wrn-22-2 --distribution erk --sparsity " + sparsities.get(i));
      List<JsonNode> found = new ArrayList<>();
      report.get("layers").forEach(found::add);
      found.removeIf(layer -> !layer.get("shape").toString().equals(shape));
      assertThat(found).hasSize(layers);
      long active = expected.get(i);
      assertThat(found)
          .allSatisfy(
              layer -> {
                assertThat(layer.get("active").asLong()).isEqualTo(active);
                assertThat(layer.get("density").asDouble())
                    .isEqualTo((double) active / layer.get("weights").asLong());
              });
    }
  }

  @ParameterizedTest
  @CsvSource({"0.5, 538458", "0.8, 215405", "0.9, 107708", "0.95, 53864"})
  void erkKeepsItsBudget(String sparsity, long active) throws JsonProcessingException {
    JsonNode report = json("--model wrn-22-2 --distribution erk --sparsity " + sparsity);
    assertThat(report.get("total_weights").asLong()).isEqualTo(1_076_912);
    assertThat(report.get("layers")).hasSize(23);
    assertThat(report.get("active_weights").asLong()).isEqualTo(active);
    long sum = 0;
    for (JsonNode layer : report.get("layers")) {
      sum += layer.get("active").asLong();
    }
    assertThat(sum).isEqualTo(active);
  }

  @ParameterizedTest
  @CsvSource({
    "erk,     rigl,   0.1725,  0.1752",
    "erk,     static, 0.1725,  0.1725",
    "erk,     set,    0.1725,  0.1725",
    "uniform, static, 0.10136, 0.10136",
    "erk,     dense,  1,       1",
  })
  void ratiosAreThePublishedOnes(
      String distribution, String method, double inference, double training)
      throws JsonProcessingException {
    JsonNode report =
        json(
            "--model wrn-22-2 --sparsity 0.9 --distribution %s --method %s"
                .formatted(distribution, method));
    assertThat(report.get("dense_flops").asLong()).isEqualTo(315_042_294);
    assertThat(report.get("inference_flops_ratio").asDouble()).isCloseTo(inference, within(5e-5));
    assertThat(report.get("training_flops_ratio").asDouble()).isCloseTo(training, within(5e-5));
  }

  @Test
  void updatesFurtherApartCostLess() throws JsonProcessingException {
    String model = "--model wrn-22-2 --every ";
    assertThat(json(model + 1000).get("training_flops_ratio").asDouble())
        .isLessThan(json(model + 100).get("training_flops_ratio").asDouble())
        .isGreaterThan(json(model + 1000).get("inference_flops_ratio").asDouble());
  }

  @Test
  void inputAndClassesAreThoseOfTheModelUnlessSaid() throws JsonProcessingException {
    assertThat(json("--model lenet-300-100").get("total_weights").asLong()).isEqualTo(266_200);
    assertThat(json("--model resnet-18").get("total_weights").asLong()).isEqualTo(11_164_352);
    assertThat(json("--model resnet-18 --classes 200").get("total_weights").asLong())
        .isEqualTo(11_261_632);
    assertThat(json("--model mlp-10 --input 2x3x4 --classes 5").get("total_weights").asLong())
        .isEqualTo(24 * 10 + 10 * 5);
  }

  @Test
  void largeImagesHaveTheClassesOfImageNet() throws JsonProcessingException {
    assertThat(json("--model resnet-50").get("total_weights").asLong()).isEqualTo(25_502_912);
    assertThat(json("--model resnet-50 --input 3x32x32").get("total_weights").asLong())
        .isEqualTo(23_467_712);
    assertThat(json("--model resnet-18 --input 3x224x224").get("total_weights").asLong())
        .isEqualTo(11_678_912);
  }

  @Test
  void widthNarrowsTheNetwork() throws JsonProcessingException {
    assertThat(json("--model mlp-100 --width 0.29").get("total_weights").asLong())
        .isEqualTo(784 * 29 + 29 * 10);
  }

  @Test
  void depthwiseConvolutionsStayDense() throws JsonProcessingException {
    JsonNode layers = json("--model mobilenet-v1 --sparsity 0.9").get("layers");
    assertThat(layers).hasSize(28);
    for (JsonNode layer : layers) {
      String name = layer.get("name").asText();
      if (name.equals("conv1") || name.endsWith("depthwise")) {
        assertThat(layer.get("active").asLong()).isEqualTo(layer.get("weights").asLong());
      }
    }
    assertThat(layers.get(26).get("density").asDouble()).isLessThan(0.1);
  }

  @Test
  void theTableIsForPeople() {
    assertThat(execute("--model", "wrn-22-2")).isZero();
    assertThat(out.toString())
        .contains("wrn-22-2, input 3×32×32, 10 classes: erk at 90.00 % sparsity")
        .contains("counter report: multiplications and additions")
        .containsPattern(
            "group3.block1.shortcut +conv +128×64×1×1 +8,192 +6,973 +85.12 % +884,352\\R")
        .containsPattern("classifier +linear +10×128 +1,280 +1,280 +100.00 % +2,550\\R")
        .containsPattern("total +1,076,912 +107,708 +10.00 %")
        .contains("inference FLOPs  0.1725 of dense (315,042,294 a sample)")
        .contains("training FLOPs   0.1752 of dense (rigl)")
        .contains("size             0.565 MB, dense 4.308 MB");
  }

  @Test
  void theCounterOfRigLHasItsPublishedRatios() throws JsonProcessingException {
    JsonNode report =
        json(
            "--model resnet-50 --input 3x224x224 --sparsity 0.9 --distribution erk --counter rigl");
    assertThat(report.get("counter").asText()).isEqualTo("rigl");
    assertThat(report.get("dense_flops").asDouble() / 1e6).isCloseTo(8202.34, within(0.005));
    assertThat(report.get("inference_flops_ratio").asDouble()).isCloseTo(0.24, within(0.005));
    assertThat(5 * report.get("training_flops_ratio").asDouble()).isCloseTo(1.23, within(0.005));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--sparsity 1.0        | sparsity must be at least 0 and below 1, not 1.0",
        "--sparsity=-0.1       | sparsity must be at least 0 and below 1, not -0.1",
        "--sparsity NaN        | sparsity must be at least 0 and below 1, not NaN",
        "--sparsity NaN --method dense | sparsity must be at least 0 and below 1, not NaN",
        "--sparsity much       | Invalid value for option '--sparsity'",
        "--distribution even   | unknown distribution 'even'; known: uniform er erk custom",
        "--method magic        | unknown method 'magic'; known: dense static set snfs rigl",
        "--counter flops       | unknown counter 'flops'; known: report rigl mac",
        "--every 0             | updates of connections must be at least 1 step apart, not 0",
        "--method set --redistribution by | unknown redistribution 'by'; known: none momentum",
        "--method rigl-sm --redistribution none | method rigl-sm redistributes by momentum; for",
        "--distribution global | distribution global: only training shows which layer keeps",
        "--begin 0.8           | --begin and --end must be shares of the training, from 0 to 1, not",
        "--redistribution some | unknown redistribution 'some'; known: none momentum gradient",
        "--classes 0           | --classes must be at least 1, not 0",
        "--width 0             | width must be above 0 and at most a million, not 0.0",
        "--input 32            | --input '32': say channels x height x width",
        "--input 3x0x32        | every extent must be at least 1",
        "--input 3x999999x1    | each up to 99999",
      })
  void wrongWordsGetOneClearLine(String words, String message) {
    List<String> arguments = new ArrayList<>(List.of("--model", "wrn-22-2", "--json"));
    arguments.addAll(List.of(words.split(" ")));
    assertThat(execute(arguments.toArray(String[]::new))).isEqualTo(2);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString().lines().findFirst().orElseThrow())
        .startsWith("windfall cost: ")
        .contains(message);
  }

  @Test
  void unknownModelsListTheKnownOnes() {
    assertThat(execute("--model", "alexnet")).isEqualTo(2);
    assertThat(err.toString())
        .startsWith("windfall cost: unknown model 'alexnet'; known: lenet-300-100")
        .hasLineCount(1);
  }

  @Test
  void aModelMustBeNamed() {
    assertThat(execute()).isEqualTo(2);
    assertThat(err.toString()).contains("Missing required option: '--model=NAME'");
  }

  /** By as many samples as are usual: a hundred, or ten of each of three classes. */
  @Test
  void scoresBeforeTheTrainingAreCounted() throws JsonProcessingException {
    String network = "--model mlp-20-10 --input 1x2x3 --classes 3";
    JsonNode snip = json(network + " --method snip");
    double dense = snip.get("dense_flops").asDouble();
    assertThat(snip.get("overhead_flops").asDouble()).isEqualTo(300 * dense);
    assertThat(snip.get("training_flops_ratio").asDouble())
        .isEqualTo(snip.get("inference_flops_ratio").asDouble());
    assertThat(json(network + " --method grasp").get("overhead_flops").asDouble())
        .isEqualTo(30 * 12 * dense);
    JsonNode synflow = json(network + " --method synflow");
    assertThat(synflow.get("overhead_flops").asDouble())
        .isBetween(300 * synflow.get("inference_flops").asDouble(), 300 * dense);
    assertThat(json(network).get("overhead_flops").asDouble()).isZero();
    out.getBuffer().setLength(0);
    execute((network + " --method snip").split(" "));
    assertThat(out.toString()).contains("before training");
  }
}
