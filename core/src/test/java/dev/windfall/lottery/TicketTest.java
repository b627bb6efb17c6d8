package dev.windfall.lottery;

import static dev.windfall.lottery.Tickets.tensor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.windfall.engine.State;
import dev.windfall.network.Network;
import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Shape;
import dev.windfall.random.Damage;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.training.MaskFile;
import dev.windfall.training.OptimizerSettings;
import dev.windfall.training.StateFile;
import dev.windfall.training.StoredState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TicketTest {

  private static final OptimizerSettings SGD = new OptimizerSettings.Sgd(0.9, true, 0, false);
  private static final OptimizerSettings ADAM =
      new OptimizerSettings.Adam(0.9, 0.99, 1e-8, 0, false);

  @TempDir Path folder;

  private Path write(Ticket ticket) throws IOException {
    Path file = folder.resolve("ticket.safetensors");
    TicketFile.write(file, Tickets.NETWORK, ticket);
    return file;
  }

  @Test
  void aTicketIsReadAsItWasWritten() throws IOException {
    Ticket ticket = Tickets.ticket();
    Path file = write(ticket);
    Ticket read = TicketFile.read(file);
    assertThat(read).usingRecursiveComparison().isEqualTo(ticket);
    read.requireFits(Tickets.NETWORK);
    byte[] bytes = Files.readAllBytes(file);
    assertThat(write(read)).hasBinaryContent(bytes);
    assertThat(MaskFile.read(file, Tickets.NETWORK)).isEqualTo(ticket.connections(Tickets.NETWORK));
    assertThat(ticket.connectionCount()).isEqualTo(32 - 11 + 24 - 8);
    assertThat(ticket.sparsity()).isEqualTo(1 - 37 / 56.0);
  }

  @Test
  void aCheckpointOrAForeignFileIsNoTicket() throws IOException {
    Path file = folder.resolve("state.safetensors");
    StateFile.write(
        file, Map.of(), StoredState.of(Tickets.NETWORK, Tickets.state(1, 1, Tickets.SGD)));
    assertThatThrownBy(() -> TicketFile.read(file))
        .isInstanceOf(IOException.class)
        .hasMessage("%s is no ticket: its metadata does not say 'format' windfall-ticket-1", file);
  }

  @ParameterizedTest
  @CsvSource({
    "step, -1, a ticket that begins after step -1 of 10",
    "step, 10, a ticket that begins after step 10 of 10",
    "steps, x, metadata 'steps' is no number: x",
    "sparsity, NaN, a ticket of round 2 at sparsity NaN",
    "model, , 'metadata ''model'' is missing, longer than 200 characters or not printable'",
  })
  void metadataThatCannotBeIsNamed(String name, String value, String message) throws IOException {
    StateFile.Contents contents = StateFile.read(write(Tickets.ticket()));
    Map<String, String> about = new HashMap<>(contents.about());
    about.put(name, value == null ? "two\nlines" : value);
    Path file = folder.resolve("other.safetensors");
    StateFile.write(file, about, contents.stored());
    assertThatThrownBy(() -> TicketFile.read(file))
        .isInstanceOf(IOException.class)
        .hasMessage("%s is damaged: %s", file, message);
  }

  @Test
  void anyDamageIsAClearErrorOrATicketThatFits() throws Exception {
    byte[] whole = Files.readAllBytes(write(Tickets.ticket()));
    Path file = folder.resolve("damaged.safetensors");
    int refused =
        Damage.anywhere("ticket")
            .refusals(
                whole,
                IllegalArgumentException.class,
                "",
                damaged -> {
                  Files.write(file, damaged);
                  Ticket ticket;
                  try {
                    ticket = TicketFile.read(file);
                  } catch (IOException e) {
                    throw new IllegalArgumentException(e.getMessage(), e);
                  }
                  ticket.requireFits(Tickets.NETWORK);
                  assertThat(ticket.connections(Tickets.NETWORK).values())
                      .allMatch(connections -> connections.count() > 0);
                });
    assertThat(refused).isGreaterThan(Damage.VERSIONS / 4);
  }

  private static void refused(Ticket ticket, Network network, String message) {
    assertThatThrownBy(() -> ticket.requireFits(network))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("this ticket of tiny does not fit %s: %s", network.name(), message);
  }

  private static Network other(int units, String classifier) {
    return new NetworkBuilder("other", Shape.features(4))
        .linear("linear1", units)
        .batchNorm("norm1")
        .relu("relu1")
        .linear(classifier, 3)
        .build();
  }

  @Test
  void whatDoesNotFitANetworkIsNamed() {
    Ticket ticket = Tickets.ticket();
    refused(ticket, other(8, "head"), "it lacks head.bias");
    assertThatThrownBy(() -> ticket.requireFits(other(5, "classifier")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("its connections of linear1.weight are ")
        .hasMessageEndingWith(" of 8×4, not of 5×4");
    Map<String, State.Tensor> more = new HashMap<>(ticket.state().tensors());
    more.put("extra.bias", tensor(ticket.state(), "linear1.bias"));
    refused(
        new Ticket(Tickets.ORIGIN, new State(0, more)),
        Tickets.NETWORK,
        "it has a tensor extra.bias");
    Map<String, State.Tensor> infinite = new HashMap<>(ticket.state().tensors());
    infinite.put(
        "linear1.bias",
        new State.Tensor(null, new float[] {0, 0, 0, Float.NaN, 0, 0, 0, 0}, new float[8], null));
    refused(
        new Ticket(Tickets.ORIGIN, new State(0, infinite)),
        Tickets.NETWORK,
        "a value of linear1.bias is NaN");
    Map<String, State.Tensor> empty = new HashMap<>(ticket.state().tensors());
    empty.put(
        "linear1.weight",
        new State.Tensor(
            Connectivity.ofPositions(8, 4, new long[0]), new float[0], new float[0], null));
    refused(
        new Ticket(Tickets.ORIGIN, new State(0, empty)),
        Tickets.NETWORK,
        "linear1.weight has no connection; a layer needs at least one");
  }

  @ParameterizedTest
  @CsvSource({"10, 2", "5, 1", "100, 20", "9, 1", "1, 0"})
  void aTrainingOfAnotherLengthBeginsAtTheSameShare(long length, long first) {
    assertThat(Tickets.ticket().firstStep(length)).isEqualTo(first);
  }

  @Test
  void anEarlyMomentKeepsWhatTheOptimizerKeeps() {
    Ticket ticket = Tickets.ticket();
    State fresh = Tickets.state(1, 0, Tickets.SGD);
    assertThat(ticket.start(fresh, SGD)).usingRecursiveComparison().isEqualTo(ticket.state());
  }

  /** Second moments that begin at 0 want Adam's correction of the first steps. */
  @Test
  void anotherOptimizerBeginsAtRest() {
    Ticket ticket = Tickets.ticket();
    State start = ticket.start(Tickets.state(1, 0, Tickets.SGD), ADAM);
    assertThat(start.optimizerSteps()).isZero();
    assertThat(tensor(start, "linear1.weight").momentum()).containsOnly(0);
    assertThat(tensor(start, "linear1.weight").values())
        .isEqualTo(tensor(ticket.state(), "linear1.weight").values());
  }

  @Test
  void layersThatWereAddedBeginAsTheyAre() {
    Network larger =
        new NetworkBuilder("larger", Shape.features(4))
            .linear("linear1", 8)
            .batchNorm("norm1")
            .relu("relu1")
            .linear("added", 8)
            .linear("classifier", 3)
            .build();
    assertThat(Tickets.ticket().connections(larger).get("added.weight"))
        .isEqualTo(Connectivity.dense(8, 8));
    Map<String, State.Tensor> fresh = new HashMap<>(Tickets.state(1, 0, Tickets.SGD).tensors());
    State.Tensor added =
        new State.Tensor(Connectivity.dense(8, 8), new float[64], new float[64], null);
    fresh.put("added.weight", added);
    State start = Tickets.ticket().start(new State(0, fresh), SGD);
    assertThat(tensor(start, "added.weight")).isSameAs(added);
    assertThat(start.tensors()).hasSize(Tickets.ticket().state().tensors().size() + 1);
  }
}
