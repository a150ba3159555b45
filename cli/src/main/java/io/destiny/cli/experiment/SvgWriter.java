package io.destiny.cli.experiment;

import java.io.StringWriter;
import java.util.Locale;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** Writes an SVG document, one element a line; escapes what must be. */
final class SvgWriter {
  private static final String NAMESPACE = "http://www.w3.org/2000/svg";

  private final StringWriter text = new StringWriter();
  private final XMLStreamWriter xml;

  /** Begins a document of so many units, which are pixels unless it is scaled. */
  SvgWriter(int width, int height) {
    try {
      // the JDK's own: another one on the class path may lay out differently
      xml = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
      xml.writeStartDocument("1.0");
      xml.writeCharacters("\n");
      xml.writeStartElement("svg");
      xml.writeDefaultNamespace(NAMESPACE);
      xml.writeAttribute("width", String.valueOf(width));
      xml.writeAttribute("height", String.valueOf(height));
      xml.writeAttribute("viewBox", "0 0 " + width + " " + height);
      xml.writeAttribute("font-family", "sans-serif");
      xml.writeAttribute("role", "img");
      xml.writeCharacters("\n");
    } catch (XMLStreamException e) {
      throw inMemory(e);
    }
  }

  /** A coordinate: hundredths are finer than any screen. */
  static String number(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  /** An element without content; attributes are names and values in turn. */
  void empty(String name, String... attributes) {
    try {
      xml.writeEmptyElement(name);
      attributes(attributes);
      xml.writeCharacters("\n");
    } catch (XMLStreamException e) {
      throw inMemory(e);
    }
  }

  /** An element that holds text alone. */
  void text(String name, String content, String... attributes) {
    try {
      xml.writeStartElement(name);
      attributes(attributes);
      xml.writeCharacters(content);
      xml.writeEndElement();
      xml.writeCharacters("\n");
    } catch (XMLStreamException e) {
      throw inMemory(e);
    }
  }

  /** Begins a group; what follows belongs to it until {@link #end}. */
  void group(String... attributes) {
    try {
      xml.writeStartElement("g");
      attributes(attributes);
      xml.writeCharacters("\n");
    } catch (XMLStreamException e) {
      throw inMemory(e);
    }
  }

  /** Ends the innermost group. */
  void end() {
    try {
      xml.writeEndElement();
      xml.writeCharacters("\n");
    } catch (XMLStreamException e) {
      throw inMemory(e);
    }
  }

  /** Ends the document. */
  String document() {
    try {
      xml.writeEndDocument();
      xml.close();
      return text + "\n";
    } catch (XMLStreamException e) {
      throw inMemory(e);
    }
  }

  private void attributes(String... attributes) throws XMLStreamException {
    for (int i = 0; i < attributes.length; i += 2) {
      xml.writeAttribute(attributes[i], attributes[i + 1]);
    }
  }

  private static IllegalStateException inMemory(XMLStreamException e) {
    return new IllegalStateException("a document in memory can be written", e);
  }
}
