const page = document.getElementById("swagger-ui");
SwaggerUIBundle({ url: page.dataset.document, domNode: page, deepLinking: true, presets: [SwaggerUIBundle.presets.apis] });
