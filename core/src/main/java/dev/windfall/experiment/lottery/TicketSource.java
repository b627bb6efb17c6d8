package dev.windfall.experiment.lottery;

import dev.windfall.lottery.TicketControl;
import dev.windfall.lottery.TicketStart;
import dev.windfall.sparsity.SparseTrainingMethod;
import java.util.ArrayList;
import java.util.List;

/** Where the connections of a spending come from. */
public sealed interface TicketSource {

  /** The name in lottery files, such as {@code one-shot}. */
  String label();

  /** No ticket at all: the dense network. */
  record Dense() implements TicketSource {
    @Override
    public String label() {
      return "dense";
    }
  }

  /**
   * Drawn from a trained network by magnitude.
   *
   * @param iterative round by round, else in one shot from the dense network
   * @param control what is taken away of the ticket
   */
  record Drawn(boolean iterative, TicketControl control) implements TicketSource {
    @Override
    public String label() {
      if (control != TicketControl.NONE) {
        return control.label();
      }
      return iterative ? ITERATIVE : ONE_SHOT;
    }

    /** Whether there is such a ticket with such weights. */
    boolean has(TicketStart start) {
      return switch (control) {
        case NONE -> true;
        case REINITIALISED -> start == TicketStart.INITIAL;
        case SHUFFLED, RANDOM -> !start.keepsTrainedWeights();
      };
    }
  }

  /**
   * No ticket: a sparse-training method of the same sparsity.
   *
   * @param method its name
   */
  record Trained(String method) implements TicketSource {
    @Override
    public String label() {
      return method;
    }
  }

  /** The label of tickets that are drawn round by round. */
  String ITERATIVE = "iterative";

  /** The label of tickets that are drawn in one shot. */
  String ONE_SHOT = "one-shot";

  /**
   * All sources that a lottery can have.
   *
   * @param iterative whether it draws round by round; controls are of such tickets then
   */
  static List<TicketSource> all(boolean iterative) {
    List<TicketSource> all = new ArrayList<>();
    all.add(new Dense());
    if (iterative) {
      all.add(new Drawn(true, TicketControl.NONE));
    }
    all.add(new Drawn(false, TicketControl.NONE));
    for (TicketControl control : TicketControl.values()) {
      if (control != TicketControl.NONE) {
        all.add(new Drawn(iterative, control));
      }
    }
    SparseTrainingMethod.all().stream()
        .filter(method -> method.sparse() && !method.name().equals(ONE_SHOT))
        .forEach(method -> all.add(new Trained(method.name())));
    return List.copyOf(all);
  }
}
