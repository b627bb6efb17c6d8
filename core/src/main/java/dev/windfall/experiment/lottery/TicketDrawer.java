package dev.windfall.experiment.lottery;

import dev.windfall.data.DataLoader;
import dev.windfall.engine.Session;
import dev.windfall.engine.State;
import dev.windfall.experiment.RunPlan;
import dev.windfall.lottery.MagnitudePruning;
import dev.windfall.lottery.Ticket;
import dev.windfall.lottery.TicketControl;
import dev.windfall.lottery.TicketFile;
import dev.windfall.lottery.TicketStart;
import dev.windfall.network.Initialization;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.sparsity.LayerDensities;
import dev.windfall.training.CheckpointFile;
import dev.windfall.training.CheckpointFolder;
import dev.windfall.training.Evaluation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Makes the tickets of a lottery from the checkpoints of its trainings. A ticket is a pure function
 * of these; one that is there already is kept if it came from the same.
 */
public final class TicketDrawer {

  private final LotteryPlan plan;
  private final LotteryFolder folder;
  private final int threads;

  /**
   * A drawer of a lottery.
   *
   * @param threads computing threads for the test of pruned networks; 0 for one per processor
   */
  public TicketDrawer(LotteryPlan plan, LotteryFolder folder, int threads) {
    this.plan = plan;
    this.folder = folder;
    this.threads = threads;
  }

  /** What a run's ticket is made of: checkpoints by their {@code .json} files. */
  private record Making(
      LotteryRun run, TicketSource.Drawn source, TicketStart start, Path pruned, Path weights) {}

  /**
   * Makes the ticket that a run begins with, and what is known of its round, where they are
   * missing.
   *
   * @throws IllegalArgumentException where there is a ticket from other checkpoints
   * @throws IOException where a checkpoint cannot be read, or something not be written
   */
  public synchronized void make(LotteryRun run) throws IOException {
    if (!(run.line().source() instanceof TicketSource.Drawn source)) {
      return;
    }
    TicketStart start = Objects.requireNonNull(run.line().start(), "a drawn ticket has a start");
    CheckpointFolder trained = checkpoints(run.needs().getFirst());
    Path pruned = trained.file(trained.steps().last());
    Path weights =
        start.keepsTrainedWeights()
            ? pruned
            : checkpoints(run.needs().getLast()).file(plan.firstStep(start));
    Making making = new Making(run, source, start, pruned, weights);
    Path file = folder.ticket(source, start, run.round(), run.seed());
    Ticket.Origin origin = origin(making);
    if (!Files.exists(file)) {
      Files.createDirectories(folder.tickets());
      TicketFile.write(file, plan.training().network(), new Ticket(origin, state(making)));
    } else if (!TicketFile.read(file).origin().equals(origin)) {
      throw new IllegalArgumentException(
          "%s was drawn otherwise than it would be now; give the lottery another name, or take its folder %s away"
              .formatted(file, folder.path()));
    }
    if (source.control() == TicketControl.NONE && !isKnown(making)) {
      folder.writeRound(source, round(making));
    }
  }

  private CheckpointFolder checkpoints(LotteryRun run) {
    return run.folder(folder.runs()).checkpoints();
  }

  private Ticket.Origin origin(Making making) throws IOException {
    LotteryRun run = making.run();
    return new Ticket.Origin(
        plan.training().network().name(),
        run.data(),
        run.seed(),
        making.source().iterative() ? TicketSource.ITERATIVE : TicketSource.ONE_SHOT,
        run.round(),
        plan.sparsity(run.round()),
        making.start().label(),
        making.source().control().label(),
        plan.firstStep(making.start()),
        plan.training().training().steps(),
        CheckpointFile.sha256(making.pruned()),
        CheckpointFile.sha256(making.weights()));
  }

  private State state(Making making) throws IOException {
    State weights = CheckpointFile.read(making.weights()).state();
    return making
        .source()
        .control()
        .of(
            MagnitudePruning.restricted(weights, connections(making)),
            weights,
            plan.training().network(),
            Initialization.named(plan.training().recipe().model().init()),
            making.run().seed());
  }

  private Map<String, Connectivity> connections(Making making) throws IOException {
    return MagnitudePruning.connections(
        CheckpointFile.read(making.pruned()).state(), plan.recipes().goal(making.run().round()));
  }

  private boolean isKnown(Making making) throws IOException {
    @Nullable TicketRound known =
        folder.readRound(making.source(), making.run().round(), making.run().seed()).orElse(null);
    return known != null && known.pruned().equals(CheckpointFile.sha256(making.pruned()));
  }

  /** Tests the pruned network with the weights that it was pruned with. */
  private TicketRound round(Making making) throws IOException {
    RunPlan ticket = plan.recipes().drawn(making.run(), threads);
    Map<String, Connectivity> connections = ticket.start().connections();
    State pruned =
        MagnitudePruning.restricted(CheckpointFile.read(making.pruned()).state(), connections);
    LayerDensities left = ticket.densities();
    DataLoader validation = ticket.training().validation();
    try (Session session =
        ticket.engine().open(ticket.network(), connections, ticket.sessionOptions())) {
      session.restore(pruned);
      return new TicketRound(
          making.source().label(),
          making.run().round(),
          making.run().seed(),
          plan.sparsity(making.run().round()),
          left.sparsity(),
          left.connections(),
          left.weights(),
          Evaluation.of(session, ticket.training().test()).accuracy(),
          validation.batchesPerEpoch() == 0 ? null : Evaluation.of(session, validation).accuracy(),
          CheckpointFile.sha256(making.pruned()),
          left.layers().stream()
              .map(
                  layer ->
                      new TicketRound.LayerDensity(
                          layer.weight().layer(), layer.connections(), layer.weight().elements()))
              .toList());
    }
  }
}
