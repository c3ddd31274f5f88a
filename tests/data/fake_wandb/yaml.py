def safe_load(file):
    return {"text": file.read()}
