package io.destiny.server;

/** A replica that is no member of its cluster any more, said in one sentence. No failure of it. */
public final class NoMemberException extends RuntimeException {
  NoMemberException(String sentence) {
    super(sentence);
  }
}
