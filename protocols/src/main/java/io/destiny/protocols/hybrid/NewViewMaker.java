package io.destiny.protocols.hybrid;

import io.destiny.core.crypto.Result;
import io.destiny.core.engine.Port;
import io.destiny.core.model.Digest;
import io.destiny.core.trusted.Counters;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The leader's certificates of its NEW-VIEW (hybster.md §5 rule 12). Its content is durable before
 * the first; once begun it is finished before the view is left, after a crash from the log.
 */
final class NewViewMaker {
  /**
   * Calls under way: the trusted subsystem repeats only the last 256 of a counter, so that what was
   * certified before is durable first.
   */
  static final int MOST_CALLS = 128;

  private final Validation validation;
  private final NewView.Content content;
  private final Digest digest;
  private final List<NewView.Signed> signed;
  private int asked;
  private boolean last;

  NewViewMaker(
      Validation validation, NewView.Content content, Digest digest, List<NewView.Signed> signed) {
    this.validation = validation;
    this.content = content;
    this.digest = digest;
    this.signed = new ArrayList<>(signed);
    this.asked = signed.size();
  }

  NewView.Content content() {
    return content;
  }

  Digest digest() {
    return digest;
  }

  List<NewView.Signed> signed() {
    return List.copyOf(signed);
  }

  /** Whether everything asked for was answered. */
  boolean caughtUp() {
    return signed.size() == asked;
  }

  /** The next calls; each job is told to {@code register}. */
  void call(Port port, LongConsumer register) {
    int to = Math.min(content.old().size(), asked + MOST_CALLS);
    while (asked < to) {
      long slot = content.base().slot() + 1 + asked;
      Digest value = content.old().get(asked).value();
      register.accept(port.trusted(validation.call(content.view(), slot, value)));
      asked++;
    }
    if (caughtUp() && asked == content.old().size() && !last) {
      last = true;
      register.accept(port.trusted(validation.call(content, digest)));
    }
  }

  /** An answer, in order; the NEW-VIEW when the last has come. */
  @Nullable NewView answered(Result.Certified answer) {
    if (last) {
      return new NewView(content, answer.attestation(), List.copyOf(signed));
    }
    signed.add(NewView.Signed.of(answer));
    return null;
  }

  /** The ORDER value of the last certificate there is. */
  long counter() {
    return Counters.encode(
        content.view(), signed.isEmpty() ? 0 : content.base().slot() + signed.size());
  }
}
