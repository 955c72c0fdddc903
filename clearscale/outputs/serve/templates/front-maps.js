// The front page: column maps that are uploaded, drafted from files, read and changed; people of files without a key.

function chooseMap(name) {
  if (!folder.maps.some((each) => each.name === name)) return;
  byId("format").value = name;
  changeFormat();
}

byId("map-upload").addEventListener("change", async (event) => {
  const added = [...event.target.files].map((file) => file.name);
  await upload("maps", [...event.target.files]);
  event.target.value = "";
  chooseMap(`maps/${added.at(-1)}`);
});
byId("map-remove").addEventListener("click", () =>
  trying(async () => {
    await send("remove", { name: byId("format").value });
    byId("editing").hidden = true;
    await listFolder();
  }),
);

// Reading and changing: a map of the program's own, or of another folder, is saved as one of the page's.

async function editMap(name) {
  const found = await asked(`map?${new URLSearchParams({ name })}`);
  byId("map-name").value = name.split("/").pop().replace(/(\.toml)?$/, ".toml");
  byId("map-text").value = found.text;
  byId("map-wrong").replaceChildren();
  byId("own-map").open = true;
  byId("editing").hidden = false;
}

byId("map-edit").addEventListener("click", () => trying(() => editMap(byId("format").value)));
byId("map-save").addEventListener("click", () =>
  trying(async () => {
    const saved = await send("map", { name: byId("map-name").value, text: byId("map-text").value });
    await listFolder();
    chooseMap(saved.name);
    const lines = saved.wrong.length ? saved.wrong : ["Saved. Nothing is wrong with its form: look at the files by it."];
    byId("map-wrong").replaceChildren(...lines.map((line) => element("p", line)));
  }),
);

byId("draft").addEventListener("click", () => start("draft", { files: [...chosen].sort(), show_values: byId("show_values").checked }));
if (byId("link")) byId("link").addEventListener("click", () => start("link", { files: [...chosen].sort(), format: byId("format").value }));

function mapped(done) {
  if (done.kind === "draft") {
    chooseMap(done.result.map);
    trying(() => editMap(done.result.map));
  }
  if (done.kind === "link") {
    byId("people").value = done.result.people;
    byId("linked").textContent = done.result.words;
    byId("ways").open = true;
  }
}
