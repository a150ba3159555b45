package io.destiny.protocols.hybrid;

import io.destiny.core.engine.Port;
import io.destiny.core.engine.Value;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Digest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the view change needs of the engine whose views it changes. */
public interface HybridHost {
  Settings settings();

  int instance();

  /** What this engine's proposals are certified with. */
  CertificateForm form();

  int leader(long view);

  /** The trusted subsystem does not sign here: an observer. */
  boolean mute();

  /** From now on an observer: the trusted subsystem refused what it must grant. */
  void silence();

  /** Whether no call on the ORDER counter is under way. */
  boolean idle();

  /** The ORDER counter, as far as it was answered. */
  long counter();

  /** A call on the ORDER counter was answered. */
  void counted(long value);

  /** H, the low watermark. */
  long low();

  /** W. */
  int width();

  /** Every slot up to here is decided. */
  long frontier();

  /** The certified proposal of the view entered last; null where none is held. */
  NewView.@Nullable Old proposal(long slot);

  /** A valid payload of a slot in the window. */
  @Nullable Value payload(long slot, Digest value);

  /** P of a proposal: what leaders certify. */
  Digest statement(long view, long slot, Digest value);

  /** Asks peers for the proposals that are missing up to this slot. */
  void want(long slot, Port port);

  /** Sends the commits above {@code committed} that a complainer lacks. */
  void sendCommits(int to, long committed, Port port);

  /** What makes a payload durable that a proposal of {@code view} refers to. */
  LogRecord intent(long view, long slot, Value value);

  /** A view was left: nothing more is signed in it. */
  void left(Port port);

  /**
   * A view is entered: its proposals replace those of the last one.
   *
   * @param payloads the valid payloads of all its re-proposals above h that are not decided
   */
  void install(NewView newView, List<Value> payloads, Port port);
}
