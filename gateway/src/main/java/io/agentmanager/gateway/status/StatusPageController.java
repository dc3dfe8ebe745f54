package io.agentmanager.gateway.status;

import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;

/**
 * The status page: three files that ask the public API with the token of whoever looks, so that
 * they show what that token may see. They hold nothing themselves, and need no token.
 */
@Controller
public final class StatusPageController {
  /** What is served without a token. */
  public static final String[] PATHS = {"/", "/status.css", "/status.js"};

  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:;"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  @GetMapping("/")
  ResponseEntity<Resource> page() {
    return file("index.html", MediaType.TEXT_HTML_VALUE);
  }

  @GetMapping("/status.css")
  ResponseEntity<Resource> style() {
    return file("status.css", "text/css");
  }

  @GetMapping("/status.js")
  ResponseEntity<Resource> script() {
    return file("status.js", "text/javascript");
  }

  private static ResponseEntity<Resource> file(String name, String type) {
    return ResponseEntity.ok()
        .contentType(MediaType.parseMediaType(type + ";charset=UTF-8"))
        .header("Content-Security-Policy", POLICY)
        .cacheControl(CacheControl.noCache())
        .body(new ClassPathResource("status/" + name));
  }
}
