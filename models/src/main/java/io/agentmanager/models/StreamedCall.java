package io.agentmanager.models;

import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/** Waits for a streamed answer as for any other. */
final class StreamedCall implements StreamingChatResponseHandler {
  private final CompletableFuture<ChatResponse> answer = new CompletableFuture<>();
  private final Consumer<String> text;

  private StreamedCall(Consumer<String> text) {
    this.text = text;
  }

  static ChatResponse make(StreamingChatModel model, ChatRequest request, Consumer<String> text) {
    StreamedCall call = new StreamedCall(text);
    model.chat(request, call);
    try {
      return call.answer.get();
    } catch (InterruptedException e) {
      call.answer.cancel(true);
      Thread.currentThread().interrupt();
      throw new LangChain4jException("the call of the model was interrupted", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new LangChain4jException("the call of the model failed", e.getCause());
    }
  }

  @Override
  public void onPartialResponse(String part) {
    text.accept(part);
  }

  /** Nobody waits for the rest of an answer whose call was interrupted. */
  @Override
  public void onPartialResponse(PartialResponse part, PartialResponseContext context) {
    if (answer.isCancelled()) {
      context.streamingHandle().cancel();
    } else {
      text.accept(part.text());
    }
  }

  @Override
  public void onCompleteResponse(ChatResponse response) {
    answer.complete(response);
  }

  @Override
  public void onError(Throwable error) {
    answer.completeExceptionally(error);
  }
}
