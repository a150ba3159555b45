package io.destiny.node;

import io.destiny.core.model.Digest;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes manifests that peers of a later epoch show. One that was found wanting is not looked at
 * again: a liar must not keep a thread busy. Thread-safe.
 */
final class Later implements Consumer<byte[]> {
  private static final Logger LOG = LoggerFactory.getLogger(Later.class);

  private final Successors successors;
  private final Consumer<Ending> leave;
  private @Nullable Digest rejected;

  Later(Successors successors, Consumer<Ending> leave) {
    this.successors = successors;
    this.leave = leave;
  }

  @Override
  public synchronized void accept(byte[] manifest) {
    Digest digest = Digest.of(manifest);
    if (digest.equals(rejected)) {
      return;
    }
    if (successors.over(manifest)) {
      leave.accept(new Ending.LeftBehind(manifest));
    } else {
      rejected = digest;
      LOG.warn("a peer showed what does not say that this epoch is over");
    }
  }
}
